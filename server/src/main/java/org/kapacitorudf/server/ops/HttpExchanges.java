package org.kapacitorudf.server.ops;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * One client's requests, one after the other: GET alone, without a body, each answered before the next is looked at.
 *
 * <p>Threading: event loop only.
 */
final class HttpExchanges extends ChannelInboundHandlerAdapter {
    private final Pages pages;
    private final boolean forThisMachine;
    private boolean reading;
    private boolean answering;
    private boolean written;

    /** @param forThisMachine whether it listens to this machine alone */
    HttpExchanges(Pages pages, boolean forThisMachine) {
        this.pages = pages;
        this.forThisMachine = forThisMachine;
    }

    /** No answer has been written for as long as an exchange may take: whatever the client sends meanwhile does not count. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        reading = true;
        try {
            if (message instanceof HttpRequest request) {
                read(context, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(ChannelHandlerContext context, HttpRequest request) {
        if (answering) {
            // Whoever asks without waiting for answers could have us make any number of them.
            context.close();
            return;
        }
        answering = true;
        written = false;
        Pages.Page page = page(request);
        boolean hasBody = HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0;
        boolean goesOn = request.decoderResult().isSuccess() && !hasBody && HttpUtil.isKeepAlive(request);
        ByteBuf body = Unpooled.wrappedBuffer(page.body().getBytes(StandardCharsets.UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.contentType());
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().set("X-Content-Type-Options", "nosniff");
        response.headers().set(HttpHeaderNames.CONTENT_SECURITY_POLICY, page.policy());
        response.headers().set("Referrer-Policy", "no-referrer");
        if (page.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET");
        }
        HttpUtil.setKeepAlive(response, goesOn);
        ChannelFuture sent = context.writeAndFlush(response);
        if (goesOn) {
            sent.addListener(done -> {
                written = done.isSuccess();
                mayAskAgain();
            });
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        mayAskAgain();
        context.fireChannelReadComplete();
    }

    /** Once the answer has been written, and not within the read of its request: what came with that did not wait for the answer. */
    private void mayAskAgain() {
        answering &= reading || !written;
    }

    private Pages.Page page(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return Pages.Page.text(
                    400, "bad request: " + request.decoderResult().cause().getMessage());
        }
        if (forThisMachine
                && !request.headers().getAll(HttpHeaderNames.HOST).stream().allMatch(HttpExchanges::isNoName)) {
            return Pages.Page.text(421, "host: a name (expected: localhost, or an address)");
        }
        return request.method().equals(HttpMethod.GET)
                ? pages.at(request.uri())
                : Pages.Page.text(405, "method: " + request.method() + " (expected: GET)");
    }

    /** A page from elsewhere in somebody's browser could have its own name lead to this machine, and read along. It cannot have an address do so. */
    private static boolean isNoName(String host) {
        String name = host.replaceFirst(":\\d*$", "");
        return name.equalsIgnoreCase("localhost") || name.startsWith("[") || NetUtil.isValidIpV4Address(name);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A client that has gone, or one that does not speak HTTP.
        context.close();
    }
}
